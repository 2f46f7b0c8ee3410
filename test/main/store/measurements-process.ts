// Run as a process of its own: keeps what images gave, one after another, without end. Arguments: store, number of the first
// image, step to the next. Prints the name of each image once it is kept.
import { writeSync } from 'node:fs';
import { Measurements } from '../../../src-main/store/measurements.ts';
import { keyOf, measurementOf } from './measured.ts';

const [path, first, step] = process.argv.slice(2);
const note = (message: string) => {
  throw new Error(message);
};
const measurements = new Measurements(path!, { version: '0.1.0', note });
for (let image = Number(first); ; image += Number(step)) {
  measurements.keep(keyOf(`image ${image}`), measurementOf(`image ${image}`));
  writeSync(1, `image ${image}\n`);
}
