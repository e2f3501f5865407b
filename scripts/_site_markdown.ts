// Converts Markdown of notebooks and docs to HTML, with MathML formulas, highlighted code, and links within the site.
import hljs from "highlight.js/lib/core";
import bash from "highlight.js/lib/languages/bash";
import typescript from "highlight.js/lib/languages/typescript";
import { Marked } from "marked";
import markedKatex from "marked-katex-extension";

hljs.registerLanguage("typescript", typescript);
hljs.registerLanguage("bash", bash);

/** Code as highlighted HTML. */
export const highlighted = (code: string, language = "typescript"): string =>
  hljs.highlight(code, { language }).value;

/** Languages by their names in Markdown. */
const LANGUAGES: Readonly<Record<string, string>> = { ts: "typescript", sh: "bash" };

/**
 * Makes a Markdown renderer.
 *
 * @param linkOf Translates the address of a link or a picture.
 * @returns A function from Markdown to HTML.
 */
export function markdownRenderer(linkOf: (href: string) => string): (text: string) => string {
  const marked = new Marked(
    // MathML needs no fonts and no script.
    markedKatex({ output: "mathml", throwOnError: true, nonStandard: true }),
    {
      walkTokens(token) {
        if (token.type === "link" || token.type === "image") token.href = linkOf(token.href);
      },
      renderer: {
        code({ text, lang = "" }) {
          const language = LANGUAGES[lang.split(" ")[0]!];
          const code = language ? highlighted(text, language) : escaped(text);
          return `<div class="scroll" tabindex="0" role="region" aria-label="Code"><pre><code>${code}</code></pre></div>`;
        },
        table(token) {
          const row = (cells: typeof token.header, tag: "th" | "td") =>
            `<tr>${
              cells.map(({ tokens }) => `<${tag}>${this.parser.parseInline(tokens)}</${tag}>`).join(
                "",
              )
            }</tr>`;
          return `<div class="scroll" tabindex="0" role="region" aria-label="Table"><table><thead>${
            row(token.header, "th")
          }</thead><tbody>${
            token.rows.map((cells) => row(cells, "td")).join("")
          }</tbody></table></div>`;
        },
      },
    },
  );
  return (text) => marked.parse(text, { async: false });
}

const escaped = (text: string) =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
