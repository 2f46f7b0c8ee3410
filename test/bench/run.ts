import './no-telemetry.ts';
import { benchEvaluate } from './evaluate.ts';
import { benchCompare } from './compare.ts';
import { benchBounds } from './bounds.ts';
import { benchCold } from './cold.ts';
import { benchCounts } from './counts.ts';
import { benchEnergy } from './energy.ts';
import { benchFolder } from './folder.ts';
import { benchFuzz } from './fuzz.ts';
import { benchGpu } from './gpu.ts';
import { benchImportance } from './importance.ts';
import { benchInference } from './inference.ts';
import { benchKills } from './kills.ts';
import { benchLive } from './live.ts';
import { benchModels } from './models.ts';
import { benchOracle } from './oracle.ts';
import { benchPeer } from './peer.ts';
import { benchProfile } from './profile.ts';
import { benchMerge } from './merge.ts';
import { benchSlider } from './slider.ts';
import { benchStore } from './store.ts';

// `npm run bench [name...]`: speeds as ratios taken in one run, or as times beside their target. No part of the tests.

const benches = {
  inference: benchInference,
  peer: benchPeer,
  importance: benchImportance,
  energy: benchEnergy,
  cold: benchCold,
  store: benchStore,
  merge: benchMerge,
  counts: benchCounts,
  profile: benchProfile,
  oracle: benchOracle,
  folder: benchFolder,
  live: benchLive,
  slider: benchSlider,
  evaluate: benchEvaluate,
  models: benchModels,
  compare: benchCompare,
};
/** Only when asked for: they take minutes, and measure no speed or that of a device that few have. */
const others = { fuzz: benchFuzz, bounds: benchBounds, kills: benchKills, gpu: benchGpu };

const wanted = process.argv.slice(2);
for (const [name, bench] of Object.entries(wanted.length > 0 ? { ...benches, ...others } : benches)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  console.log(`\n${name}`);
  for (const line of await bench()) console.log(line);
}
