import { expect, test } from 'vitest';
import { html } from '../../../src-shared/report/html.ts';

test('text stays text, pieces stay pieces, and nothing is nothing', () => {
  const name = `<img src="x" onerror='steal()'> & more`;
  // Under another name, so that no formatter takes it for a page.
  const piece = html;
  const bold = piece`<b>${1}</b>`;
  expect(piece`<p title="${name}">${name}</p>${null}${[bold, 'a<b']}`.text).toBe(
    '<p title="&lt;img src=&quot;x&quot; onerror=&#39;steal()&#39;&gt; &amp; more">' +
      '&lt;img src=&quot;x&quot; onerror=&#39;steal()&#39;&gt; &amp; more</p><b>1</b>a&lt;b',
  );
});

test('signs that HTML has no text for are replaced', () => {
  expect(html`${'a\0b\u001bc\ud800d\n'}`.text).toBe('a\ufffdb\ufffdc\ufffdd\n');
});
