import { app, session, type Session, type WebContents } from 'electron';
import { originOf, type PageAddress } from './app-protocol.ts';

/** What the page may be granted: to put text on the clipboard when the user asks for it. */
const GRANTED_PERMISSIONS: ReadonlySet<string> = new Set(['clipboard-sanitized-write']);

/** The page stays where it is, opens nothing, is granted nothing, and reaches no network. */
export function lockDown(page: PageAddress): void {
  app.on('web-contents-created', (_event, contents) => lockContents(contents, page));
  lockSession(session.defaultSession, page);
}

function lockContents(contents: WebContents, page: PageAddress): void {
  const stay = (event: { preventDefault(): void; readonly url: string }) => {
    if (originOf(event.url) !== page.origin) event.preventDefault();
  };
  contents.on('will-navigate', stay);
  contents.on('will-frame-navigate', stay);
  contents.on('will-redirect', stay);
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

function lockSession(current: Session, page: PageAddress): void {
  const isOwn = (url: string) => originOf(url) === page.origin;
  current.setPermissionRequestHandler((_contents, permission, grant, { requestingUrl }) =>
    grant(GRANTED_PERMISSIONS.has(permission) && isOwn(requestingUrl)),
  );
  current.setPermissionCheckHandler(
    (_contents, permission, origin) => GRANTED_PERMISSIONS.has(permission) && isOwn(origin),
  );
  current.setDevicePermissionHandler(() => false);
  current.webRequest.onBeforeRequest((request, decide) => {
    const { protocol } = new URL(request.url);
    const local = protocol === 'blob:' || protocol === 'devtools:';
    // While developing, the page's server also speaks through a WebSocket.
    decide({ cancel: !local && !isOwn(request.url.replace(/^ws:/, 'http:')) });
  });
}
