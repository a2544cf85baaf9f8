import { useId, useState } from "preact/hooks";
import { call } from "../api/call";
import type { UsersImported } from "../api/types";
import { useAction } from "../api/use";
import { t } from "../text";
import { bytes, num } from "../text/format";
import { Button, CheckField, Dialog, Name, Notice, Problem, SelectField, toast, visible } from "../ui";

/** What the API takes. */
const FILE_MAX = 1 << 20;
/** Refusals that are drawn; there may be 10,000, and who sees these knows what to mend. */
const REFUSALS_MAX = 500;

type Format = "csv" | "json" | "mosquitto";
const TYPES: Record<Format, string> = { csv: "text/csv", json: "application/json", mosquitto: "text/plain" };

type File = { name: string; text: string };

/** What a file looks like. */
function formatOf({ name, text }: File): Format {
  if (/\.json$/i.test(name) || text.trimStart().startsWith("[")) {
    return "json";
  }
  return /\.csv$/i.test(name) || /^\ufeff?"?username"?,/.test(text) ? "csv" : "mosquitto";
}

/** Users out of a file: it is looked through first, and says what would come of each line. */
export function UserImport({ onImported, onClose }: { onImported(): void; onClose(): void }) {
  const words = t().access.users;
  const id = useId();
  const [file, setFile] = useState<File | null>(null);
  const [tooLarge, setTooLarge] = useState<number | null>(null);
  const [format, setFormat] = useState<Format>("csv");
  const [replace, setReplace] = useState(false);
  const [seen, setSeen] = useState<UsersImported | null>(null);
  const send = async (of: File, as: Format, over: boolean, dryRun: boolean) =>
    call("POST /users/import", {
      query: { format: as, replace: over, dryRun },
      raw: { type: TYPES[as], text: of.text },
    });
  const look = useAction(async (of: File, as: Format, over: boolean) => {
    setSeen(null);
    setSeen(await send(of, as, over, true));
  });
  const take = useAction(async () => {
    const done = await send(file!, format, replace, false);
    onImported();
    toast(words.imported(num(done.added), num(done.replaced)));
    if (done.refused === 0) {
      onClose();
    } else {
      setSeen(done);
    }
  });
  const failure = take.failure ?? look.failure;
  const willTake = seen === null ? 0 : seen.added + seen.replaced;
  return (
    <Dialog title={words.importTitle} wide onClose={onClose}>
      <form
        class="form"
        onSubmit={(event) => {
          event.preventDefault();
          void take.run();
        }}
      >
        <p class="quiet">{words.importAbout}</p>
        <div class="field">
          <label for={id}>{words.file}</label>
          <input
            id={id}
            class="file"
            type="file"
            accept=".csv,.json,.txt,.passwd,text/*,application/json"
            onChange={async (event) => {
              const chosen = (event.target as HTMLInputElement).files?.[0];
              if (!chosen) {
                return;
              }
              setSeen(null);
              setFile(null);
              setTooLarge(chosen.size > FILE_MAX ? chosen.size : null);
              if (chosen.size <= FILE_MAX) {
                const read = { name: chosen.name, text: await chosen.text() };
                const as = formatOf(read);
                setFile(read);
                setFormat(as);
                void look.run(read, as, replace);
              }
            }}
          />
          <span class="field-hint">{words.fileHint}</span>
          {tooLarge !== null && <span class="field-error">{words.fileTooLarge(bytes(tooLarge), bytes(FILE_MAX))}</span>}
        </div>
        {file && (
          <>
            <SelectField
              label={words.format}
              value={format}
              onChange={(as) => {
                setFormat(as);
                void look.run(file, as, replace);
              }}
              options={[
                ["csv", words.formats.csv],
                ["json", words.formats.json],
                ["mosquitto", words.formats.mosquitto],
              ]}
            />
            <CheckField
              label={words.replace}
              checked={replace}
              onChange={(over) => {
                setReplace(over);
                void look.run(file, format, over);
              }}
            />
          </>
        )}
        {failure && <Problem of={failure} />}
        {look.busy && <p role="status">{t().common.loading}</p>}
        {seen && (
          <>
            <Notice tone={seen.refused > 0 ? "warn" : "good"}>
              {(seen.dryRun ? words.would : words.did)(num(seen.added), num(seen.replaced), num(seen.refused))}
            </Notice>
            {seen.refusals.length > 0 && (
              <ol class="boxed refusals" tabIndex={0} aria-label={words.refusals}>
                {seen.refusals.slice(0, REFUSALS_MAX).map((one) => (
                  <li>
                    <span class="quiet num">{words.lineNumber(num(one.line))}</span>
                    <span>
                      <strong>
                        <Name of={one.username} />
                      </strong>{" "}
                      {visible(one.reason)}
                    </span>
                  </li>
                ))}
                {seen.refusals.length > REFUSALS_MAX && (
                  <li class="quiet">{words.moreLines(num(seen.refusals.length - REFUSALS_MAX))}</li>
                )}
              </ol>
            )}
          </>
        )}
        <div class="form-actions">
          <Button onClick={onClose}>{seen && !seen.dryRun ? t().common.close : t().common.cancel}</Button>
          {seen?.dryRun && willTake > 0 && (
            <Button kind="primary" type="submit" busy={take.busy}>
              {words.importVerb(willTake, num(willTake))}
            </Button>
          )}
        </div>
      </form>
    </Dialog>
  );
}
