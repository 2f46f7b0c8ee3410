/** The sign of each map, so that none is told by colour alone: a path about the origin, `size` pixels to its edge. */
export function signPath(map: 'importance' | 'random' | 'inverse' | 'centre', size: number): string {
  const [s, wide] = [size, size * 1.2];
  switch (map) {
    case 'importance':
      return `M${wide} 0A${wide} ${wide} 0 1 1 ${-wide} 0A${wide} ${wide} 0 1 1 ${wide} 0Z`;
    case 'random':
      return `M${-s} ${-s}H${s}V${s}H${-s}Z`;
    case 'inverse':
      return `M0 ${wide}L${-wide} ${-s}H${wide}Z`;
    case 'centre':
      return `M0 ${-1.4 * s}L${1.4 * s} 0L0 ${1.4 * s}L${-1.4 * s} 0Z`;
  }
}
