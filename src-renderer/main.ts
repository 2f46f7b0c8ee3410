import './no-eval.ts';
import { mount } from 'svelte';
import App from './App.svelte';
import { electronCarrier } from './link/carrier-electron.ts';
import { takeToken, webSocketCarrier } from './link/carrier-websocket.ts';
import { Client } from './link/client.ts';
import './theme.css';

const [navigation] = performance.getEntriesByType('navigation');
/**
 * To who comes back from another page the browser gives each control what one of its kind held before, counted by their order: a slider
 * would show what another one had. A page that is loaded anew has nothing of that.
 */
if (navigation instanceof PerformanceNavigationTiming && navigation.type === 'back_forward') location.reload();
else start();

function start(): void {
  const carrier = window.fovea
    ? electronCarrier(window.fovea)
    : webSocketCarrier(location.origin, takeToken(location, history, sessionStorage));
  const target = document.getElementById('app');
  if (target) mount(App, { target, props: { client: new Client(carrier) } });
}
