import { basename } from 'node:path';
import { count } from '../../src-shared/count-text.ts';
import { type FolderChanges, type MapChanges, STAGES, type WorkFigures, type WorkNote } from '../../src-shared/work.ts';
import { bytesText } from './bytes-text.ts';

/** `evaluating: 120 of 250 images, 41.3 a second, 3 s left, 2 failed`; `SqueezeNet: 12.3 MB of 554 MB, 8.10 MB a second, 2 min left` */
export function figuresText(figures: WorkFigures): string {
  const { stage, subject, done, total, failed, rate, secondsLeft } = figures;
  const { words, counts } = STAGES[stage];
  if (counts === null || (done === 0 && total === null)) return subject === null ? words : `${words} ${subject}`;
  const isBytes = counts === 'bytes';
  const amount = (value: number) => (isBytes ? bytesText(value) : `${value}`);
  const of = total === null ? '' : ` of ${amount(total)}`;
  const speed = rate === null ? '' : `, ${isBytes ? bytesText(rate) : rate.toFixed(1)} a second`;
  const left = secondsLeft === null || done === total ? '' : `, ${durationText(secondsLeft)} left`;
  const what = subject === null ? words : stage === 'downloading' ? subject : `${words} (best so far ${subject})`;
  return `${what}: ${amount(done)}${of}${isBytes ? '' : ` ${counts}`}${speed}${left}${failed > 0 ? `, ${failed} failed` : ''}`;
}

/** `45 s`, `12 min`, `3 h 20 min` */
export function durationText(seconds: number): string {
  if (seconds < 60) return `${Math.ceil(seconds)} s`;
  const minutes = Math.ceil(seconds / 60);
  return minutes < 60 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

export function noteText(note: WorkNote): string {
  switch (note.note) {
    case 'preset-assumed':
      return `${note.model} has no card: preprocessing preset "${note.preset}" is assumed`;
    case 'model-remark':
      return `${note.model}: ${note.remark}`;
    case 'labels-remark':
      return note.remark;
    case 'no-better-than-chance':
      return note.fromOne
        ? 'the plain network gives almost always the class before the label: the labels seem to count from 1, while class indexes count from 0'
        : `the plain network is right no more often than chance over ${note.classes} classes: do the labels, and the preprocessing, fit the model?`;
    case 'calibrated-on-the-spot':
      return `${note.model} has no calibrated ranges: calibrated on ${note.images} of the images given`;
    case 'no-labels':
      return `${basename(note.folder)}: no labels: agreement with the plain network counts instead`;
    case 'unlabelled-left-out':
      return `${note.images} images without a label are left out, ${note.remaining} remain`;
    case 'other-files-left-out':
      return `${note.files} files that are no images are left out`;
    case 'undecodable-names-left-out':
      return `${note.names} files or folders whose names are not UTF-8 are left out`;
    case 'broken-links':
      return `${count(note.links, 'link')} lead nowhere`;
    case 'older-results-anew':
      return 'results of an older Fovea are computed anew: what they counted has been corrected since';
    case 'goes-on':
      return `going on with run ${note.run}, which was given the same order and has not been finished`;
    case 'follows':
      return `run ${note.run} was given the same order and is being worked on by ${note.owner}: waiting for its end, or a minute where that is gone; Ctrl-C leaves it alone, and another --name begins another run`;
    case 'waits-for-owner':
      return `run ${note.run} was given the same order and is in the hands of ${note.owner}: waiting a minute at most for a sign that it is there`;
    case 'folder-changed':
      return changesText(note);
    case 'maps-changed':
      return mapChangesText(note);
    case 'installed-already':
      return `${note.model} is installed already`;
    case 'download-interrupted':
      return `${note.model}: ${note.reason}; trying again`;
  }
}

function few(paths: readonly string[]): string {
  return `${paths.slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}`;
}

function mapChangesText({ edited, gone }: MapChanges): string {
  const told = [
    edited.length > 0 ? `${count(edited.length, 'image')} with another one (${few(edited)})` : null,
    gone.length > 0 ? `${count(gone.length, 'image')} without (${few(gone)})` : null,
  ];
  return `importance maps have changed since the run began: ${told.filter((part) => part !== null).join('; ')}; results that are there stay, of these images no more are made`;
}

function changesText({ added, edited, gone }: FolderChanges): string {
  const told = [
    added.length > 0 ? `${count(added.length, 'image')} added, and not part of it (${few(added)})` : null,
    edited.length > 0
      ? `${count(edited.length, 'image')} edited, with the result of the old file (${few(edited)})`
      : null,
    gone.length > 0 ? `${count(gone.length, 'image')} gone (${few(gone)})` : null,
  ];
  return `the folder has changed since the run began: ${told.filter((part) => part !== null).join('; ')}`;
}
