// Run as a process of its own: keeps what images gave, one after another, without end. Arguments: store, number of the first
// image, step to the next. Prints the name of each image once it is kept. What waited too long for the other process is measured
// again some day, and not told.
import { writeSync } from 'node:fs';
import { Measurements } from '../../../src-main/store/measurements.ts';
import { keyOf, measurementOf } from './measured.ts';

const [path, first, step] = process.argv.slice(2);
const measurements = new Measurements(path!, {
  version: '0.1.0',
  note: (message) => void writeSync(2, `${message}\n`),
});
for (let image = Number(first); ; image += Number(step)) {
  const name = `image ${image}`;
  measurements.keep(keyOf(name), measurementOf(name));
  if (measurements.find(keyOf(name))) writeSync(1, `${name}\n`);
}
