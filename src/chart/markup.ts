/** Markup as text that is well-formed whatever goes in. */

/** `text` with what XML reserves escaped, and what XML 1.0 has no place for (control characters, halves of pairs) as U+FFFD. */
export function escaped(text: string): string {
  return text
    .toWellFormed()
    .replace(/[^\t\n\r\x20-\uffff]|[\ufffe\uffff]/g, '\ufffd')
    .replace(/[&<>"']/g, character => `&#${character.charCodeAt(0)};`);
}

/** An element. Attribute values are escaped; numbers are cut to a hundredth. Children are markup already. */
export function element(name: string, attributes: Readonly<Record<string, string | number>>, ...children: string[]): string {
  const written = Object.entries(attributes).map(
    ([key, value]) => ` ${key}="${typeof value === 'number' ? short(value) : escaped(value)}"`,
  );
  return `<${name}${written.join('')}${children.length === 0 ? '/>' : `>${children.join('')}</${name}>`}`;
}

/** A number to a hundredth. */
export function short(value: number): string {
  return String(Math.round(value * 100) / 100 + 0); // -0 becomes 0
}
