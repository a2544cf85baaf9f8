import { useState } from "preact/hooks";
import { History, RotateCcw } from "lucide";
import { call } from "../api/call";
import { may } from "../api/session";
import { usePaged } from "../api/use";
import { query, setQuery } from "../route";
import { t } from "../text";
import { A, Badge, Button, Card, Dialog, Empty, Facts, Icon, List, Name, Time } from "../ui";
import { Changes, Plan } from "./configuration-plan";
import { here } from "./here";

/** What was changed by whom, and the way back. */
export function Revisions({ onReverted }: { onReverted(): void }) {
  const words = t().system;
  const revisions = usePaged((page, signal) => call("GET /configuration/revisions", { query: page, signal }), []);
  const open = revisions.items.find((one) => String(one.number) === query("revision"));
  const [reverting, setReverting] = useState<number | null>(null);
  return (
    <>
      <Card
        flush
        title={words.historyTitle}
        actions={
          may("administrator") && revisions.items.length > 0 ? (
            <Button small icon={RotateCcw} onClick={() => setReverting(0)}>
              {words.revertAll}
            </Button>
          ) : undefined
        }
      >
        <List
          of={revisions}
          label={words.historyTitle}
          rowKey={(one) => one.number}
          href={(one) => here("revision", one.number)}
          columns={[
            {
              key: "number",
              title: words.revision,
              width: "7rem",
              cell: (one) => (
                <A href={here("revision", one.number)} label={words.openRevision(one.number)}>
                  {one.number}
                </A>
              ),
            },
            { key: "at", title: t().common.time, width: "13rem", cell: (one) => <Time of={one.at} /> },
            { key: "by", title: words.by, width: "10rem", cell: (one) => <Name of={one.by} /> },
            { key: "address", title: t().common.address, width: "10rem", wide: true, cell: (one) => <Name of={one.address} /> },
            {
              key: "changes",
              title: words.changes,
              wide: true,
              cell: (one) => (
                <span class="mono">
                  {one.reverted !== null && one.reverted !== undefined && (
                    <>
                      <Badge>{words.revertOf(one.reverted)}</Badge>{" "}
                    </>
                  )}
                  {one.changes.map((change) => change.key).join(", ")}
                </span>
              ),
            },
          ]}
          empty={
            <Empty icon={History} title={words.noRevisions}>
              <p>{words.noRevisionsText}</p>
            </Empty>
          }
        />
      </Card>
      {open && (
        <Dialog title={words.openRevision(open.number)} wide onClose={() => setQuery({ revision: "" })}>
          <div class="stack">
            <Facts
              of={[
                [t().common.time, <Time of={open.at} />],
                [words.by, <Name of={open.by} />],
                [t().common.address, <Name of={open.address} />],
                open.reverted !== null && open.reverted !== undefined && [words.kind, words.revertOf(open.reverted)],
              ]}
            />
            <Changes of={open.changes} />
            {may("administrator") && (
              <div class="form-actions">
                <Button
                  icon={RotateCcw}
                  onClick={() => {
                    setReverting(open.number);
                    setQuery({ revision: "" });
                  }}
                >
                  {words.revertTo}
                </Button>
              </div>
            )}
          </div>
        </Dialog>
      )}
      {reverting !== null && (
        <Plan
          title={reverting === 0 ? words.revertAll : words.revertTitle(reverting)}
          about={
            <p class="row">
              <Icon of={RotateCcw} /> {reverting === 0 ? words.revertAllAbout : words.revertAbout(reverting)}
            </p>
          }
          verb={words.revert}
          make={(dryRun) =>
            call("POST /configuration/revisions/{number}/revert", {
              path: { number: String(reverting) },
              query: { dryRun },
            })
          }
          onClose={() => setReverting(null)}
          onDone={() => {
            setReverting(null);
            onReverted();
          }}
        />
      )}
    </>
  );
}
