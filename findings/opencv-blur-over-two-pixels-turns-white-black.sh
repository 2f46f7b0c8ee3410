#!/usr/bin/env bash
# blur of OpenCV over two pixels makes every byte one level brighter, and 255, one level brighter, is 0.
#
# Package: @techstark/opencv-js 5.0.0-release.1 (OpenCV 5.0.0 compiled to WebAssembly). Any Node from 20. OpenCV 4.6 of Debian's python3-opencv does
# the same.
#
# Expected: the mean of equal numbers is that number; of bytes that differ, the mean rounded to the nearest.
# Seen: blur with a size of 2 x 1 or 1 x 2 turns a plain 100 into 101 and a plain white into black. With 2 x 2 a plain picture stays, but every
# fraction is rounded up: one pixel of 1 among zeros becomes four pixels of 1 (the mean is 0.25). The sum is divided by multiplication with divisor
# / 2 + 1 added before, and that is one too much when the divisor is a power of two. 3 x 3 is right, and so are 16-bit and float pictures and
# filter2D.
# Why it matters: a mean over two or four pixels is how a picture or a mask is halved without aliasing. A mask of 255 disappears, noise gets 0.37
# levels brighter, and sizes that are usually tested, being odd, show nothing.
# Output seen: 2 x 1: 100 -> 101, 255 -> 0; 1 x 2: the same; 2 x 2: 100 -> 100, 255 -> 255, one 1 among zeros -> 1, 1, 1, 1; 3 x 3: 100, 255, all 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
echo '{ "private": true }' > package.json
npm install --silent --ignore-scripts --no-audit --no-fund @techstark/opencv-js@5.0.0-release.1

cat > probe.cjs <<'EOF'
(async () => {
  const cv = await require('@techstark/opencv-js');
  console.log('OpenCV', cv.getBuildInformation().match(/OpenCV ([\d.]+)/)[1]);

  const blurred = (bytes, width, height) => {
    const picture = cv.matFromArray(8, 8, cv.CV_8UC1, bytes);
    const result = new cv.Mat();
    cv.blur(picture, result, new cv.Size(width, height));
    return [...result.data];
  };
  const plain = (grey, ...size) => blurred(new Array(64).fill(grey), ...size)[3 * 8 + 3];
  const dot = new Array(64).fill(0);
  dot[3 * 8 + 3] = 1;
  const seen = {};
  for (const [width, height] of [[2, 1], [1, 2], [2, 2], [3, 3]]) {
    const ones = blurred(dot, width, height).filter((byte) => byte === 1).length;
    const name = `${width} x ${height}`;
    seen[name] = [plain(100, width, height), plain(255, width, height), ones];
    console.log(`${name}: plain 100 -> ${seen[name][0]}, plain 255 -> ${seen[name][1]}; a single 1 among zeros -> ${ones} pixels of 1`);
  }
  if (seen['3 x 3'].join() !== '100,255,0') throw new Error('three by three is not what this probe expects');
  if (seen['2 x 1'].slice(0, 2).join() !== '101,0' || seen['1 x 2'].slice(0, 2).join() !== '101,0' || seen['2 x 2'].join() !== '100,255,4') {
    console.error('The behaviour has changed: a blur over two pixels keeps a plain picture.');
    process.exit(1);
  }
  console.log('Still so: white turns black.');
  process.exit(0);
})();
EOF
node probe.cjs
