#!/usr/bin/env bash
# White bytes come back from XYZ as (231, 254, 255) in OpenCV, blue first: Z of white is 277 and is cut to 255.
#
# Package: @techstark/opencv-js 5.0.0-release.1 (OpenCV 5.0.0 compiled to WebAssembly). Any Node from 20. OpenCV 4.6 of Debian's python3-opencv does
# the same.
#
# Expected: for bytes "X, Y and Z cover the whole value range (in case of floating-point images, Z may exceed 1)", so that 8-bit values fit, as they
# are made to fit in Lab and Luv, and 8-bit colours come back within a level or two.
# Seen: Z of white is 1.089 times its value and saturates. Grey up to 234 comes back within a level, 255 as blue 231, green 254, red 255: a light
# yellow. Of a grid over the cube 215 of 5832 colours change by more than 3 levels, all of them with a Z beyond 255. 16-bit pictures do the same.
# Why it matters: sky, snow and paper turn yellow in a pipeline that adapts white or works on luminance in XYZ, while a test chart of mid-greys
# passes.
# Output seen: 234 -> 233, 234, 234; 255 -> 231, 254, 255.
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

  const there = (colours) => {
    const picture = cv.matFromArray(1, colours.length, cv.CV_8UC3, colours.flat());
    const xyz = new cv.Mat();
    const back = new cv.Mat();
    cv.cvtColor(picture, xyz, cv.COLOR_BGR2XYZ);
    cv.cvtColor(xyz, back, cv.COLOR_XYZ2BGR);
    return colours.map((_, i) => [...back.data.slice(3 * i, 3 * i + 3)]);
  };
  const [grey, white] = there([[234, 234, 234], [255, 255, 255]]);
  console.log(`234 -> ${grey}; 255 -> ${white} (blue, green, red)`);
  const steps = Array.from({ length: 18 }, (_, i) => 15 * i);
  const cube = steps.flatMap((blue) => steps.flatMap((green) => steps.map((red) => [blue, green, red])));
  /** The third of the standard's coordinates for linear components, in units of a byte. */
  const z = ([blue, green, red]) => 0.950227 * blue + 0.119193 * green + 0.019334 * red;
  const returned = there(cube);
  const changed = cube.filter((colour, i) => returned[i].some((part, channel) => Math.abs(part - colour[channel]) > 3));
  const least = Math.min(...changed.map(z)).toFixed(1);
  console.log(`${changed.length} of ${cube.length} colours change by more than 3 levels, the least Z among them ${least}`);
  if (grey.some((part) => Math.abs(part - 234) > 1)) throw new Error('grey is not what this probe expects');
  if (white[0] > 240 || changed.length === 0 || changed.some((colour) => z(colour) < 255)) {
    console.error('The behaviour has changed: white comes back as white.');
    process.exit(1);
  }
  console.log('Still so: white comes back as yellow.');
  process.exit(0);
})();
EOF
node probe.cjs
