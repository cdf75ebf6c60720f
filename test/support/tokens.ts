/** A small scanner of TypeScript, enough to find import statements and calls without being fooled by comments and strings. */

export interface Token {
  readonly kind: 'word' | 'string' | 'mark';
  /** The word, the mark, or what the string holds. */
  readonly text: string;
}

/** Comments, spaces, numbers and regular expressions are left out; a template gives the tokens of its ${...} only. */
export function tokens(text: string): Token[] {
  const found: Token[] = [];
  // One entry for each template that is open: the depth of braces inside its ${...}.
  const templates: number[] = [];
  let at = 0;
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const match = pattern.exec(text)?.[0];
    if (match !== undefined) at += match.length;
    return match;
  };
  const template = () => {
    take(/(?:[^`\\$]|\\[\s\S]|\$(?!\{))*/y);
    if (take(/`/y) === undefined && take(/\$\{/y) !== undefined) templates.push(0);
  };
  while (at < text.length) {
    if (take(/\s+|\/\/.*|\/\*[\s\S]*?\*\//y) !== undefined) continue;
    const quoted = take(/'(?:[^'\\\n]|\\[\s\S])*'|"(?:[^"\\\n]|\\[\s\S])*"/y);
    if (quoted !== undefined) {
      found.push({ kind: 'string', text: quoted.slice(1, -1) });
      continue;
    }
    if (take(/`/y) !== undefined) {
      template();
      continue;
    }
    const word = take(/[\p{ID_Start}$_#@][\p{ID_Continue}$]*/uy);
    if (word !== undefined) {
      found.push({ kind: 'word', text: word });
      continue;
    }
    if (take(/\d[\w.]*/y) !== undefined) {
      found.push({ kind: 'mark', text: '0' });
      continue;
    }
    if (text[at] === '/' && expressionMayBegin(found.at(-1))) {
      if (take(/\/(?:[^/\\[\n]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\/[a-z]*/y) !== undefined) {
        found.push({ kind: 'mark', text: '0' });
        continue;
      }
    }
    const mark = text[at++];
    if (mark === '}' && templates.length > 0 && templates[templates.length - 1] === 0) {
      templates.pop();
      template();
      continue;
    }
    if (templates.length > 0 && (mark === '{' || mark === '}')) templates[templates.length - 1] += mark === '{' ? 1 : -1;
    found.push({ kind: 'mark', text: mark });
  }
  return found;
}

/** What a file imports, types too: import ... from, export ... from, import 'x', import('x'). A computed import() gives '?'. */
export function importsOf(code: readonly Token[]): string[] {
  const sources: string[] = [];
  for (let at = 0; at < code.length; at++) {
    const { kind, text } = code[at];
    if (kind !== 'word' || (text !== 'import' && text !== 'export') || code[at - 1]?.text === '.') continue;
    const next = code[at + 1];
    if (text === 'import' && next?.kind === 'string') sources.push(next.text);
    else if (text === 'import' && next?.text === '(') sources.push(code[at + 2].kind === 'string' ? code[at + 2].text : '?');
    else if (text === 'import' && next?.text === '.') continue;
    else if (text === 'import' || /^[*{]$/.test(next?.text) || (next?.text === 'type' && /^[*{]$/.test(code[at + 2]?.text))) {
      // The names of a clause are words, braces, commas and a star; anything else ends it.
      let end = at + 1;
      while (end < code.length && code[end + 1]?.kind !== 'string' && /^([\w$]+|[*{},])$/.test(code[end].text)) end++;
      if (code[end]?.text === 'from' && code[end + 1]?.kind === 'string') sources.push(code[end + 1].text);
    }
  }
  return sources;
}

/** After a value a slash divides; elsewhere it opens a regular expression. */
function expressionMayBegin(before: Token | undefined): boolean {
  if (before === undefined) return true;
  if (before.kind === 'word')
    return ['return', 'typeof', 'case', 'in', 'of', 'void', 'delete', 'yield', 'await'].includes(before.text);
  return before.kind === 'mark' && !/^[)\]}0]$/.test(before.text);
}
