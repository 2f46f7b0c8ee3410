import { describe, expect, it } from 'vitest';
import { commandLine, imageWord } from '../../../src-renderer/plan/command-line.ts';
import {
  bitsOfLayerIn,
  DEFAULT_PLAN_SETTINGS,
  evenThresholds,
  FIRST_PLAN_SETTINGS,
  planOptions,
  sameSettings,
  settingsOfOptions,
  withLayerBits,
  withLevels,
  withMetric,
  withQuantiser,
  withRange,
  withThreshold,
  withWeight,
  type PlanSettings,
} from '../../../src-renderer/plan/plan-settings.ts';
import { resolvePlan } from '../../../src-shared/precision/precision-plan.ts';

const RICH: PlanSettings = {
  ...DEFAULT_PLAN_SETTINGS,
  metric: 'random',
  inverse: true,
  regions: 7,
  bits: [6, 4, 0],
  thresholds: [0.2, 0.6],
  layerBits: { conv1: [8, 8, 8] },
  inputBits: 7,
  seed: 42,
  powerOfTwo: true,
};

describe('plan settings', () => {
  it('begin as the default plan', () => {
    expect(resolvePlan(planOptions(DEFAULT_PLAN_SETTINGS))).toEqual(resolvePlan({}));
  });

  it('come back from the options they give', () => {
    const block = { channels: 32, scale: 'e4m3', floor: 0.1 } as const;
    for (const settings of [DEFAULT_PLAN_SETTINGS, RICH, { ...withRange(RICH, 'block'), block }])
      expect(sameSettings(settingsOfOptions(planOptions(settings)), settings)).toBe(true);
  });

  it('fall back to the default plan where remembered options are no longer valid', () => {
    expect(settingsOfOptions({ bits: [99] })).toBe(DEFAULT_PLAN_SETTINGS);
  });

  it('stay valid plans whatever the number of levels', () => {
    for (const settings of [DEFAULT_PLAN_SETTINGS, RICH])
      for (let levels = 1; levels <= 8; levels++)
        expect(resolvePlan(planOptions(withLevels(settings, levels))).bits).toHaveLength(levels);
    expect(withLevels(DEFAULT_PLAN_SETTINGS, 4).bits).toEqual([4, 4, 3, 3]);
  });

  it('have two levels once a map takes the place of uniform bits, and one where one level was chosen for a map', () => {
    const uniform: PlanSettings = { ...DEFAULT_PLAN_SETTINGS, metric: 'uniform', bits: [4], layerBits: { fc: [3] } };
    for (const metric of ['combined', 'given', 'sensitivity'])
      expect(withMetric(uniform, metric)).toMatchObject({ metric, bits: [4, 4], layerBits: { fc: [3, 3] } });
    expect(withMetric(uniform, 'uniform')).toEqual(uniform);
    const one = withLevels(DEFAULT_PLAN_SETTINGS, 1);
    expect(withMetric(one, 'centre').bits).toEqual([4]);
  });

  it('keep thresholds ascending while one is moved', () => {
    const four = { ...withLevels(DEFAULT_PLAN_SETTINGS, 4), thresholds: evenThresholds(4) };
    expect(withThreshold(four, 0, 0.6).thresholds).toEqual([0.6, 0.6, 0.75]);
    expect(withThreshold(four, 2, 0.1).thresholds).toEqual([0.1, 0.1, 0.1]);
  });

  it('drop power-of-two steps with the range that needs them', () => {
    expect(withRange(RICH, 'layer').powerOfTwo).toBe(false);
    expect(withRange(RICH, 'position').powerOfTwo).toBe(true);
  });

  it('meet the limits of quantiser log, and come back from it', () => {
    const wide = { ...RICH, bits: [16, 4, 0], inputBits: 12 };
    const plan = resolvePlan(planOptions(withQuantiser(wide, 'log')));
    expect(plan).toMatchObject({ quantiser: 'log', range: 'layer', bits: [0, 4, 8], inputBits: 8, weightBits: 5 });
    expect(resolvePlan(planOptions(withQuantiser(withQuantiser(wide, 'log'), 'linear'))).weightBits).toBeNull();
    expect(commandLine('a.jpg', 'm', withQuantiser(wide, 'log'))).toContain('--quantiser log');
  });

  it('give one weight of the combined importance another value, and share the rest as it was', () => {
    const changed = withWeight(DEFAULT_PLAN_SETTINGS, 3, 0);
    expect(changed.weights).toEqual([0.4, 0.3, 0.3, 0]);
    expect(withWeight(changed, 0, 1).weights).toEqual([1, 0, 0, 0]);
    expect(withWeight(withWeight(changed, 0, 1), 0, 0.4).weights).toEqual([0.4, 0.2, 0.2, 0.2]);
    expect(commandLine('a.jpg', 'm', changed)).toContain('--combined-weights 0.4,0.3,0.3,0');
    expect(commandLine('a.jpg', 'm', { ...changed, metric: 'entropy' })).not.toContain('--combined-weights');
    expect(settingsOfOptions(planOptions(changed)).weights).toEqual(changed.weights);
  });

  it('give a layer bits of its own and take them back', () => {
    const own = withLayerBits(DEFAULT_PLAN_SETTINGS, 'conv3', [5, 2]);
    expect(bitsOfLayerIn(own, 'conv3', false)).toEqual([5, 2]);
    expect(bitsOfLayerIn(own, 'conv4', false)).toEqual([4, 3]);
    expect(bitsOfLayerIn(own, 'conv1', true)).toEqual([8, 8]);
    expect(sameSettings(withLayerBits(own, 'conv3', null), DEFAULT_PLAN_SETTINGS)).toBe(true);
  });
});

describe('copy as command', () => {
  it('gives the line for the default plan', () => {
    expect(commandLine('/photos/harbour.jpg', 'squeezenet', DEFAULT_PLAN_SETTINGS)).toBe(
      'fovea analyze /photos/harbour.jpg --model squeezenet',
    );
    expect(commandLine('a.jpg', 'fovea-caltech101', FIRST_PLAN_SETTINGS)).toBe(
      'fovea analyze a.jpg --low-share 0.5 --bits 4,0',
    );
    expect(imageWord({ path: null, name: 'stop-sign.jpg' }, true)).toBe('sample:stop-sign');
    expect(imageWord({ path: '/photos/a b.jpg', name: 'a b.jpg' }, false)).toBe('/photos/a b.jpg');
  });

  it('quotes what a shell would take apart', () => {
    expect(commandLine("/my photos/it's.jpg", 'm', DEFAULT_PLAN_SETTINGS)).toContain(
      String.raw`fovea analyze '/my photos/it'\''s.jpg' --model m`,
    );
  });

  it('states every setting that is not the default', () => {
    const line = commandLine('a.jpg', 'm', RICH);
    for (const option of ['--metric inverse:random', '--threshold 0.2,0.6', '--seed 42', '--input-bits 7'])
      expect(line).toContain(option);
    expect(line).toMatch(
      /^echo '{"conv1":\[8,8,8\]}' > layer-bits.json && fovea analyze a.jpg .*--layer-bits layer-bits.json/,
    );
    expect(line).toContain('--power-of-two');
    expect(line).not.toContain('--low-share');
  });
});
