import { byId } from './dom.ts';

const teeth = 16;
const svg = 'http://www.w3.org/2000/svg';

/** Draws the ratchet wheel, whose teeth are steep on one side only. */
export const drawWheel = (): void => {
  const points: string[] = [];
  for (let tooth = 0; tooth < teeth; tooth++) {
    const angle = (tooth / teeth) * 2 * Math.PI - Math.PI / 2;
    const next = ((tooth + 1) / teeth) * 2 * Math.PI - Math.PI / 2;
    points.push(point(48, angle), point(38, angle), point(48, next - 0.001));
  }
  const rim = document.createElementNS(svg, 'polygon');
  rim.setAttribute('points', points.join(' '));
  const hub = document.createElementNS(svg, 'circle');
  hub.setAttribute('class', 'hub');
  hub.setAttribute('r', '20');
  byId('wheel').replaceChildren(rim, hub);
};

const point = (radius: number, angle: number): string =>
  `${(radius * Math.cos(angle)).toFixed(2)},${(radius * Math.sin(angle)).toFixed(2)}`;

/** Turns the wheel to a generation: one tooth per generation, forward only. */
export const turnWheel = (generation: number): void => {
  byId('wheel').style.transform = `rotate(${(generation * 360) / teeth}deg)`;
};
