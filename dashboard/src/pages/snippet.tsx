import { CopyButton } from "../ui";
import "./snippet.css";

/** Some lines of a file, to be copied. */
export function Snippet({ text, label }: { text: string; label: string }) {
  return (
    <div class="snippet">
      <pre class="payload" tabIndex={0} role="region" aria-label={label}>
        {text}
      </pre>
      <CopyButton text={text} />
    </div>
  );
}
