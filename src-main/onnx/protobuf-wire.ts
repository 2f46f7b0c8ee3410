import { type ByteSource, bytesSource } from './byte-source.ts';

/** Wire types of the protobuf encoding (https://protobuf.dev/programming-guides/encoding/#structure). */
const VARINT = 0;
const FIXED64 = 1;
export const LENGTH_DELIMITED = 2;
export const FIXED32 = 5;

/** One field as it stands in the bytes; nothing of its content is decoded. */
export interface WireField {
  readonly number: number;
  readonly type: number;
  /** Offset of the tag. */
  readonly start: number;
  /** Offset of the payload: after the tag and, if length-delimited, after the length. */
  readonly payload: number;
  /** Offset behind the field. */
  readonly end: number;
}

export class WireError extends Error {}

const decoder = new TextDecoder();
const encoder = new TextEncoder();

function readVarint(source: ByteSource, offset: number, limit: number): { value: number; next: number } {
  const bytes = source.view(offset, Math.min(10, limit - offset));
  let value = 0;
  for (let i = 0; i < bytes.length; i++) {
    // Ten-byte varints are negative int64 values in two's complement.
    if (i === 9) {
      let big = 0n;
      for (let k = 0; k < 10; k++) big |= BigInt(bytes[k]! & 0x7f) << BigInt(7 * k);
      return { value: Number(BigInt.asIntN(64, big)), next: offset + 10 };
    }
    value += (bytes[i]! & 0x7f) * 2 ** (7 * i);
    if (bytes[i]! < 0x80) return { value, next: offset + i + 1 };
  }
  throw new WireError(`a number at byte ${offset} does not end`);
}

/**
 * The fields of the message at [start, end), in file order, unknown ones included.
 * @throws WireError when the bytes are not a message: truncated, overlong or of an unknown wire type
 */
export function* fields(source: ByteSource, start = 0, end = source.length): Generator<WireField> {
  let offset = start;
  while (offset < end) {
    const tag = readVarint(source, offset, end);
    const number = Math.floor(tag.value / 8);
    const type = tag.value % 8;
    let payload = tag.next;
    let next: number;
    if (type === VARINT) next = readVarint(source, payload, end).next;
    else if (type === FIXED64) next = payload + 8;
    else if (type === FIXED32) next = payload + 4;
    else if (type === LENGTH_DELIMITED) {
      const length = readVarint(source, payload, end);
      payload = length.next;
      next = payload + length.value;
    } else throw new WireError(`unknown wire type ${type} at byte ${offset}`);
    if (number < 1) throw new WireError(`field number ${number} at byte ${offset}`);
    if (next > end || next < payload)
      throw new WireError(`field ${number} at byte ${offset} reaches beyond its message`);
    yield { number, type, start: offset, payload, end: next };
    offset = next;
  }
}

export function readNumber(source: ByteSource, field: WireField): number {
  if (field.type !== VARINT) throw new WireError(`field ${field.number} at byte ${field.start} is not a number`);
  return readVarint(source, field.payload, field.end).value;
}

export function readFixedFloat(source: ByteSource, field: WireField): number {
  if (field.type !== FIXED32) throw new WireError(`field ${field.number} at byte ${field.start} is not a float`);
  const bytes = source.view(field.payload, 4);
  return new DataView(bytes.buffer, bytes.byteOffset).getFloat32(0, true);
}

export function readBytes(source: ByteSource, field: WireField): Uint8Array {
  return source.view(field.payload, field.end - field.payload).slice();
}

export function readString(source: ByteSource, field: Pick<WireField, 'payload' | 'end'>): string {
  return decoder.decode(source.view(field.payload, field.end - field.payload));
}

/** Numbers of a repeated integer field, packed or not. */
export function readNumbers(source: ByteSource, field: WireField): number[] {
  return field.type === VARINT ? [readNumber(source, field)] : readPacked(source, field.payload, field.end);
}

/** The varints at [start, end). */
export function readPacked(source: ByteSource, start: number, end: number): number[] {
  const numbers: number[] = [];
  for (let offset = start; offset < end;) {
    const { value, next } = readVarint(source, offset, end);
    numbers.push(value);
    offset = next;
  }
  return numbers;
}

/** Fields of a message that is held in memory. */
export function fieldsOfBytes(bytes: Uint8Array): { source: ByteSource; fields: WireField[] } {
  const source = bytesSource(bytes);
  return { source, fields: [...fields(source)] };
}

function encodeVarint(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
}

export function concatBytes(parts: readonly Uint8Array[]): Uint8Array {
  const result = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    result.set(part, offset);
    offset += part.length;
  }
  return result;
}

export function encodeNumber(number: number, value: number): Uint8Array {
  return concatBytes([encodeVarint(number * 8 + VARINT), encodeVarint(value)]);
}

/** Tag and length of a length-delimited field whose payload follows. */
export function encodeHead(number: number, length: number): Uint8Array {
  return concatBytes([encodeVarint(number * 8 + LENGTH_DELIMITED), encodeVarint(length)]);
}

export function encodeBytes(number: number, payload: Uint8Array): Uint8Array {
  return concatBytes([encodeHead(number, payload.length), payload]);
}

export function encodeString(number: number, text: string): Uint8Array {
  return encodeBytes(number, encoder.encode(text));
}

export function encodeMessage(number: number, ...parts: readonly Uint8Array[]): Uint8Array {
  return encodeBytes(number, concatBytes(parts));
}
