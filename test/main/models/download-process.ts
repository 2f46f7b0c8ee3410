import { downloadFile } from '../../../src-main/models/model-download.ts';

// Downloads until it is killed: node download-process.ts URL TARGET BYTES SHA256
const [url = '', target = '', bytes = '', sha256 = ''] = process.argv.slice(2);
await downloadFile(
  new URL(url),
  target,
  { bytes: Number(bytes), sha256 },
  { onProgress: ({ done }) => process.stdout.write(`${done}\n`) },
);
