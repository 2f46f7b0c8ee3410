import { expect, test } from 'vitest';
import { DecodingRoom } from '../../../src-main/images/decoding-room.ts';

/** Works that begin when there is room, and end when they are told to. */
function works(room: DecodingRoom, sizes: readonly number[]) {
  const begun: number[] = [];
  const ends = sizes.map(() => Promise.withResolvers<undefined>());
  const done = sizes.map((bytes, index) =>
    room.with(bytes, () => {
      begun.push(index);
      return ends[index]!.promise;
    }),
  );
  const end = (index: number) => {
    ends[index]!.resolve(undefined);
    return done[index];
  };
  return { begun, end };
}

test('what does not fit beside the others waits until enough of them have ended', async () => {
  const { begun, end } = works(new DecodingRoom(100), [60, 40, 50, 10, 20]);
  expect(begun).toEqual([0, 1]);
  await end(0);
  await Promise.resolve();
  expect(begun).toEqual([0, 1, 2, 3]);
  await end(1);
  await Promise.resolve();
  expect(begun).toEqual([0, 1, 2, 3, 4]);
});

test('an image that is larger than the room is worked on alone', async () => {
  const { begun, end } = works(new DecodingRoom(100), [500, 1, 400]);
  expect(begun).toEqual([0]);
  await end(0);
  await Promise.resolve();
  expect(begun).toEqual([0, 1]);
  await end(1);
  await Promise.resolve();
  expect(begun).toEqual([0, 1, 2]);
});

test('work that fails leaves its room', async () => {
  const room = new DecodingRoom(100);
  await expect(room.with(100, () => Promise.reject(new Error('damaged')))).rejects.toThrow('damaged');
  expect(await room.with(100, () => Promise.resolve(7))).toBe(7);
});
