import sharp, { type Sharp } from 'sharp';
import { airplane } from './scenes/airplane.ts';
import { pizza } from './scenes/pizza.ts';
import { pyramid } from './scenes/pyramid.ts';
import { soccerBall } from './scenes/soccer-ball.ts';
import { starfish } from './scenes/starfish.ts';
import { stopSign } from './scenes/stop-sign.ts';
import { sunflower } from './scenes/sunflower.ts';
import { umbrella } from './scenes/umbrella.ts';
import { watch } from './scenes/watch.ts';
import { yinYang } from './scenes/yin-yang.ts';
import { BLEED, HEIGHT, WIDTH } from './svg.ts';

/** File names to scenes as SVG; a picture is named after the class it shows. */
export const PICTURES: Readonly<Record<string, () => string>> = {
  'airplane.jpg': airplane,
  'pizza.jpg': pizza,
  'pyramid.jpg': pyramid,
  'soccer-ball.jpg': soccerBall,
  'starfish.jpg': starfish,
  'stop-sign.jpg': stopSign,
  'sunflower.jpg': sunflower,
  'umbrella.jpg': umbrella,
  'watch.jpg': watch,
  'yin-yang.webp': yinYang,
};

/** The picture without the scene's bleed, {@link WIDTH} x {@link HEIGHT} pixels. */
export function render(scene: string): Sharp {
  return sharp(Buffer.from(scene)).extract({ left: BLEED, top: BLEED, width: WIDTH, height: HEIGHT }).flatten();
}
