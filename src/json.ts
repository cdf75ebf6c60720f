/** JSON from outside: bounded in its depth, before anything is made of it. Who reads a file bounds its size. */

/** Parts in parts that anybody needs: a saved model has some twenty. */
const deepest = 100;

/**
 * What `text` says. With `unique`, each key of an object may be there once (JSON.parse takes the last). Throws an Error that says in one
 * line what is wrong: no JSON, nested deeper than 100 levels, a key that is there twice. Keys are own properties, `__proto__` too.
 */
export function parseJson(text: string, unique = false): unknown {
  scan(text, unique);
  return JSON.parse(text);
}

/** Goes over brackets and strings alone; what else may be wrong, the parser finds. */
function scan(text: string, unique: boolean): void {
  const keys: (Set<string> | undefined)[] = [];
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"') {
      const end = stringEnd(text, at);
      if (unique) note(keys.at(-1), text, at, end);
      at = end;
    } else if (character === '{' || character === '[') {
      if (keys.length === deepest) throw new SyntaxError(`nested deeper than ${deepest} levels at position ${at}`);
      keys.push(unique && character === '{' ? new Set() : undefined);
    } else if (character === '}' || character === ']') keys.pop();
  }
}

/** Where the string that begins at `from` has its closing quote; the end of the text where it has none. */
function stringEnd(text: string, from: number): number {
  for (let end = text.indexOf('"', from + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text[end - 1 - slashes] === '\\') slashes++;
    if (slashes % 2 === 0) return end;
  }
  return text.length;
}

/** A string with a colon behind it is a key. */
function note(keys: Set<string> | undefined, text: string, from: number, end: number): void {
  if (!keys || !/\s*:/y.test(text.slice(end + 1, end + 100))) return;
  const written = text.slice(from, end + 1);
  let key: string;
  try {
    key = JSON.parse(written);
  } catch {
    return; // no string of JSON: the parser says so
  }
  if (keys.has(key)) throw new SyntaxError(`the key ${written.slice(0, 60)} is there twice, at position ${from} too`);
  keys.add(key);
}
