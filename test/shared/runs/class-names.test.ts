import { describe, expect, it } from 'vitest';
import { classFinder } from '../../../src-shared/runs/class-names.ts';

const IMAGENET = {
  count: 5,
  labels: [
    'n01440764 tench, Tinca tinca',
    'n02012849 crane',
    'n03126707 crane',
    'n02104029 kuvasz',
    'n02974003 car wheel, wheel',
  ],
};
const CALTECH = {
  count: 3,
  labels: ['car, side view', 'Windsor chair', 'face'],
  folders: ['car_side', 'windsor_chair', 'Faces'],
};

describe('classFinder', () => {
  const find = classFinder(IMAGENET, { indexes: true });

  it.each([
    ['0', [0]],
    [' 4 ', [4]],
    ['n01440764', [0]],
    ['n03126707_crane', [2]],
    ['n03126707', [2]],
    ['Tench, tinca TINCA', [0]],
    ['tench__Tinca_tinca', [0]],
    ['tinca tinca', [0]],
    ['car-wheel', [4]],
    ['crane', [1, 2]],
    ['5', []],
    ['-1', []],
    ['1.0', []],
    ['n99999999', []],
    ['n99999999_tench', []],
    ['', []],
    ['no such thing', []],
  ])('%j means %j', (name, classes) => expect(find(name)).toEqual(classes));

  it('knows the folders of the training data', () => {
    const findFolder = classFinder(CALTECH, { indexes: false });
    expect(['car_side', 'windsor_chair', 'Faces', 'FACE'].map((name) => findFolder(name)[0])).toEqual([0, 1, 2, 2]);
  });

  it('takes a number for an index only where asked to', () => {
    expect(classFinder(CALTECH, { indexes: false })('02')).toEqual([]);
    expect(classFinder(CALTECH, { indexes: true })('02')).toEqual([2]);
  });

  it('finds a number ambiguous that is the name of another class', () => {
    expect(classFinder({ count: 3, labels: ['1', '2', '3'] }, { indexes: true })('1')).toEqual([0, 1]);
    expect(classFinder({ count: 3, labels: ['0', '1', '2'] }, { indexes: true })('1')).toEqual([1]);
  });

  it('takes WordNet ids from a list of their own, and the name behind one where the model has none', () => {
    const synsets = ['n01440764', 'n02012849'];
    expect(classFinder({ count: 2, labels: ['tench', 'crane'], synsets }, { indexes: false })('n02012849_x')).toEqual([
      1,
    ]);
    expect(classFinder({ count: 2, labels: ['tench', 'crane'] }, { indexes: false })('n01440764_tench')).toEqual([0]);
  });
});
