import './no-eval.ts';
import { mount } from 'svelte';
import App from './App.svelte';
import { electronCarrier } from './link/carrier-electron.ts';
import { takeToken, webSocketCarrier } from './link/carrier-websocket.ts';
import { Client } from './link/client.ts';
import './theme.css';

const carrier = window.fovea
  ? electronCarrier(window.fovea)
  : webSocketCarrier(location.origin, takeToken(location, history, sessionStorage));
const target = document.getElementById('app');
if (target) mount(App, { target, props: { client: new Client(carrier) } });
