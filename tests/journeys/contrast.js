// Visible text whose contrast is below `least`, as [contrast, text, where]. Disabled controls are exempt by WCAG.
// The background of a text is composed of all translucent layers below it; the marks of a chart are layers, too.
([least, exceptions]) => {
  const canvas = document.createElement('canvas').getContext('2d', {willReadFrequently: true});
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = 'rgba(0,0,0,0)'; canvas.fillStyle = colour;
    const parts = /rgba?\\(([^)]+)\\)/.exec(colour);
    if (parts) { const [r, g, b, a = 1] = parts[1].split(',').map(Number); return [r, g, b, a]; }
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const over = (top, below) => [0, 1, 2].map(i => top[i] * top[3] + below[i] * (1 - top[3])).concat(1);
  const luminance = colour => {
    const [r, g, b] = colour.map(c => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const [high, low] = [luminance(one), luminance(other)].sort((a, b) => b - a);
    return (high + 0.05) / (low + 0.05);
  };
  const opacity = element => {
    let product = 1;
    for (let e = element; e; e = e.parentElement) product *= Number(getComputedStyle(e).opacity);
    return product;
  };
  const ground = element => {
    const layers = [], own = element.getBoundingClientRect();
    const [x, y] = [own.left + own.width / 2, own.top + own.height / 2];
    for (let e = element; e; e = e.parentElement) {
      const box = e.getBoundingClientRect();
      const beside = x < box.left || x > box.right || y < box.top || y > box.bottom;
      if (beside && box.width < 40) continue;  // the value of a slider stands above its thumb, which holds it
      const colour = rgba(getComputedStyle(e).backgroundColor);
      colour[3] *= opacity(e);
      if (colour[3]) layers.push(colour);
      if (colour[3] === 1) break;
    }
    return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255, 1]);
  };
  const marks = (element, x, y, below) => {
    const chart = element.closest('.svg-container');
    const inside = ({left, right, top, bottom}) => x >= left && x <= right && y >= top && y <= bottom;
    const plotted = [...chart.querySelectorAll('.nsewdrag')].some(area => inside(area.getBoundingClientRect()));
    for (const svg of chart.querySelectorAll('svg.main-svg')) {
      for (const mark of svg.querySelectorAll('path, rect, image')) {
        if (!(mark.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING)) continue;
        if (mark.closest('.subplot') && !plotted) continue;  // a long bar is clipped at the axes
        const box = mark.getBoundingClientRect();
        if (!inside(box)) continue;
        if (mark.tagName === 'image') {
          canvas.clearRect(0, 0, 1, 1);
          canvas.drawImage(mark.bitmap, (x - box.left) / box.width * mark.bitmap.width,
            (y - box.top) / box.height * mark.bitmap.height, 1, 1, 0, 0, 1, 1);
          const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
          below = over([r, g, b, a / 255], below);
          continue;
        }
        const style = getComputedStyle(mark), colour = style.fill === 'none' ? [0, 0, 0, 0] : rgba(style.fill);
        colour[3] *= Number(style.fillOpacity) * opacity(mark);
        const at = new DOMPoint(x, y).matrixTransform(mark.getScreenCTM().inverse());
        if (colour[3] && mark.isPointInFill(at)) below = over(colour, below);
      }
    }
    return below;
  };
  const shown = element => {
    const box = element.getBoundingClientRect(), style = getComputedStyle(element);
    return box.width > 1 && box.height > 1 && style.visibility === 'visible' && opacity(element) > 0.05
      && element.checkVisibility();
  };
  const allowed = (element, pseudo) => exceptions.reduce(
    (floor, [selector, reach]) => (pseudo ? selector === pseudo : !selector.startsWith('::') && element.closest(selector))
      ? Math.min(floor, reach) : floor, least);
  const disabled = element => element.closest(':disabled, [aria-disabled=true], [data-disabled], [disabled]')
    || element.closest('label, [data-testid=stWidgetLabel]')?.parentElement?.querySelector(':disabled');
  const found = [];
  const judge = (element, text, colour, below, pseudo) => {
    const reached = contrast(over(colour, below), below);
    if (reached < allowed(element, pseudo)) found.push([reached.toFixed(2), text.trim().slice(0, 50),
      element.closest('[data-testid]')?.dataset.testid + ' ' + element.tagName + ' ' + colour.slice(0, 3)]);
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const element = node.parentElement;
    if (!node.data.trim() || /^(SCRIPT|STYLE|NOSCRIPT|CANVAS|TITLE)$/.test(element.tagName)) continue;
    if (!shown(element) || disabled(element) || element.closest('canvas, [data-testid=stIconMaterial]')) continue;
    const style = getComputedStyle(element), chart = element.closest('.svg-container');
    if (chart && !element.closest('text')) continue;
    const colour = rgba(chart ? style.fill : style.color);
    colour[3] *= opacity(element) * (chart ? Number(style.fillOpacity) : 1);
    const box = element.getBoundingClientRect();
    const below = chart ? marks(element, box.left + box.width / 2, box.top + box.height / 2, ground(chart)) : ground(element);
    judge(element, node.data, colour, below);
  }
  for (const field of document.querySelectorAll('input, textarea')) {
    if (!shown(field) || field.disabled) continue;
    const pseudo = field.value ? '' : field.placeholder ? '::placeholder' : null;
    if (pseudo === null || field.type === 'checkbox' || field.type === 'radio' || field.type === 'range') continue;
    const style = getComputedStyle(field, pseudo), colour = rgba(style.color);
    colour[3] *= opacity(field) * (pseudo ? Number(style.opacity) : 1);
    judge(field, field.value || field.placeholder, colour, ground(field), pseudo);
  }
  return found;
}
