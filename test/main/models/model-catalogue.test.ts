import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  catalogueCard,
  catalogueModel,
  DEFAULT_MODEL_HOST,
  downloadUrl,
  modelCatalogue,
} from '../../../src-main/models/model-catalogue.ts';
import { openModelFile } from '../../../src-main/onnx/model-file.ts';
import { checkCard, parseCard } from '../../../src-shared/model-card.ts';
import { smallClassifier, writeModel } from '../onnx/onnx-models.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const catalogue = modelCatalogue();
const ZOO = new URL('../../../../shared/reference/model-zoo.csv', import.meta.url);

describe('the catalogue', () => {
  it('names every model once, with a preprocessing it describes', () => {
    expect(new Set(catalogue.models.map(({ name }) => name)).size).toBe(catalogue.models.length);
    expect(new Set(catalogue.models.map(({ sha256 }) => sha256)).size).toBe(catalogue.models.length);
    for (const { preprocessing } of catalogue.models) expect(catalogue.preprocessing).toHaveProperty(preprocessing);
  });

  it('offers the networks of the field, by the digests and sizes the zoo gave them', () => {
    const facts = (name: string) => {
      const { bytes, sha256, input } = catalogueModel(catalogue, name);
      return [bytes, sha256.slice(0, 8), input];
    };
    expect(facts('vgg16-7')).toEqual([553437328, 'f20805a3', [1, 3, 224, 224]]);
    expect(facts('resnet50-v1-7.onnx')).toEqual([102583340, 'af16a04a', [null, 3, 224, 224]]);
    expect(facts('efficientnet-lite4-11')).toEqual([51946641, 'd1116899', [1, 224, 224, 3]]);
  });

  it.skipIf(!existsSync(ZOO))('agrees with the list of the zoo on every file', () => {
    const [, ...lines] = readFileSync(ZOO, 'utf8').trim().split('\n');
    const rows = new Map(lines.map((line) => [line.split(',')[1], line.split(',')] as const));
    for (const { name, opset, sha256, bytes } of catalogue.models)
      expect(rows.get(`${name}.onnx`)?.slice(2, 5)).toEqual([String(opset), sha256, String(bytes)]);
  });

  it('names what comes near an unknown name', () => {
    expect(() => catalogueModel(catalogue, 'vgg17')).toThrow(/vgg17; near: .*vgg16-12/);
    expect(() => catalogueModel(catalogue, '../etc')).toThrow(/no model called/);
  });

  it('makes addresses on any host', () => {
    const model = catalogueModel(catalogue, 'mobilenetv2-7');
    expect(downloadUrl(model, DEFAULT_MODEL_HOST).href).toBe(
      'https://huggingface.co/onnxmodelzoo/mobilenetv2-7/resolve/main/mobilenetv2-7.onnx',
    );
    expect(downloadUrl(model, 'http://mirror.local:8080/hub/').href).toBe(
      'http://mirror.local:8080/hub/onnxmodelzoo/mobilenetv2-7/resolve/main/mobilenetv2-7.onnx',
    );
    for (const host of ['mirror.local', 'ftp://mirror.local', ''])
      expect(() => downloadUrl(model, host)).toThrow(expect.objectContaining({ code: 'bad-argument' }));
  });

  it.each(['NCHW', 'NHWC'] as const)('gives a %s file the card it is used with', (layout) => {
    const path = writeModel(temporaryFolder(), 'net.onnx', smallClassifier(1, { layout, batch: 1 }));
    const file = openModelFile(path);
    file.source.close();
    const [, ...sizes] = file.signature.inputShape.map(Number);
    const model = { ...catalogue.models[0]!, input: [1, ...sizes] as [1, number, number, number] };
    const written: unknown = JSON.parse(JSON.stringify(catalogueCard(catalogue, model, file)));
    const card = parseCard(written, 'card');
    expect(() => checkCard(card, file.signature, 'card')).not.toThrow();
    expect(card).toMatchObject({
      input: { layout, channels: 'BGR', height: 16, width: 16, resizeShorterSide: 18, mean: [103.94, 116.78, 123.68] },
      output: { kind: 'probabilities' },
      licence: model.licence,
      accuracy: { images: 50_000 },
    });
    expect(card.labels).toBeUndefined();
  });
});
