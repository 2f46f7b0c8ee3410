import { afterEach, beforeEach, expect, it } from 'vitest';
import { Address } from '../../src-renderer/address.svelte.ts';
import { parseSpot, printSpot } from '../../src-renderer/spot.ts';
import { takeToken } from '../../src-renderer/link/carrier-websocket.ts';

const clear = () => history.replaceState(null, '', `${location.pathname}${location.search}`);
beforeEach(clear);
afterEach(clear);

it('reads and writes where one is', () => {
  const spot = { place: 'evaluate', runs: ['20261128-1'], chosen: { sel: 'changed;margin=0~0.4', sort: 'margin' } };
  const text = '#evaluate/20261128-1?sel=changed%3Bmargin%3D0%7E0.4&sort=margin';
  expect(parseSpot(text)).toEqual(spot);
  expect(parseSpot('#compare/a,b%3A2')).toEqual({ place: 'compare', runs: ['a', 'b:2'], chosen: {} });
  expect(printSpot({ place: 'compare', runs: ['a', 'b:2'], chosen: { sel: '' } })).toBe('#compare/a,b%3A2');
  for (const none of ['', '#', '#elsewhere', '#token=x']) expect(parseSpot(none)).toBeNull();
  expect(parseSpot('#evaluate/%zz')?.runs).toEqual(['%zz']);
});

it('goes on by steps of the history and refines without them', async () => {
  const address = new Address();
  const steps = history.length;
  address.go({ place: 'evaluate', runs: ['r'], chosen: {} });
  address.refine({ place: 'evaluate', chosen: { sel: 'lost' } });
  address.refine({ place: 'evaluate', chosen: { sort: 'margin' } });
  expect(location.hash).toBe('#evaluate/r?sel=lost&sort=margin');
  expect(history.length).toBe(Math.min(steps + 1, 50));
  address.refine({ place: 'evaluate', chosen: { sel: '' } });
  expect(location.hash).toBe('#evaluate/r?sort=margin');
  expect(address.returns).toBe(false);
  address.go({ place: 'analyse', runs: ['r'], chosen: { image: '3' } }, { returns: true });
  expect(address.returns).toBe(true);
  expect(address.lastOf('evaluate').chosen).toEqual({ sort: 'margin' });
  // A reload reads the same.
  expect(new Address().spot).toEqual({ place: 'analyse', runs: ['r'], chosen: { image: '3' } });
  expect(new Address().returns).toBe(true);
  const popped = new Promise((done) => addEventListener('popstate', done, { once: true }));
  address.back();
  await popped;
  expect(location.hash).toBe('#evaluate/r?sort=margin');
});

it('loses its secrets alone when the token is taken', async () => {
  const told: string[] = [];
  const fakeHistory = { state: null, replaceState: (_state: unknown, _title: string, url: string) => told.push(url) };
  const take = (hash: string) =>
    takeToken(
      { hash, origin: 'http://127.0.0.1:1', pathname: '/' } as Location,
      fakeHistory as unknown as History,
      sessionStorage,
    );
  expect(await take('#token=abc')).toBe('abc');
  expect(await take('#evaluate/r?sel=lost&sort=margin')).toBe('abc');
  expect(await take('#evaluate/r?sort=margin&token=def')).toBe('def');
  expect(told).toEqual(['/', '/#evaluate/r?sort=margin']);
  sessionStorage.clear();
});
