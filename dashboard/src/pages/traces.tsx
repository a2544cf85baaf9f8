import { useState } from "preact/hooks";
import { Activity, Download, Plus, Square, Trash2 } from "lucide";
import { call } from "../api/call";
import { useAction, usePaged } from "../api/use";
import { query, setQuery } from "../route";
import { t } from "../text";
import { bytes, num } from "../text/format";
import { A, Button, Card, Empty, List, Name, Page, Problem } from "../ui";
import { here } from "./here";
import { download, Ends, HowIs, isRunning, Recorded, remove, stop, SUBJECTS } from "./trace";
import { Create } from "./trace-form";
import { Recording } from "./trace-recording";

export default function Traces() {
  const name = query("trace");
  return name === "" ? <All /> : <Recording key={name} name={name} />;
}

function All() {
  const words = t().diagnostics;
  const traces = usePaged((page, signal) => call("GET /traces", { query: page, signal }), [], 5_000);
  const given = SUBJECTS.find((one) => query(one) !== "");
  const [creating, setCreating] = useState(given !== undefined);
  const saving = useAction(download);
  const stopping = useAction(stop);
  const create = () => setCreating(true);
  return (
    <Page
      title={t().frame.pages.traces}
      about={words.tracesAbout}
      actions={
        <Button kind="primary" icon={Plus} onClick={create}>
          {words.newTrace}
        </Button>
      }
    >
      {saving.failure && <Problem of={saving.failure} />}
      {stopping.failure && <Problem of={stopping.failure} />}
      <Card flush>
        <List
          of={traces}
          label={t().frame.pages.traces}
          rowKey={(one) => one.name}
          href={(one) => here("trace", one.name)}
          columns={[
            {
              key: "name",
              title: t().common.name,
              cell: (one) => (
                <A href={here("trace", one.name)}>
                  <Name of={one.name} />
                </A>
              ),
            },
            { key: "state", title: t().common.state, width: "9rem", cell: (one) => <HowIs of={one} /> },
            { key: "subject", title: words.recorded, wide: true, cell: (one) => <Recorded of={one} /> },
            { key: "entries", title: words.entries, width: "5.5rem", end: true, wide: true, cell: (one) => num(one.entries) },
            { key: "size", title: t().common.size, width: "6rem", end: true, wide: true, cell: (one) => bytes(one.bytes) },
            { key: "dropped", title: words.lost, width: "5rem", end: true, wide: true, cell: (one) => num(one.dropped) },
            { key: "ends", title: words.ends, width: "10.5rem", wide: true, cell: (one) => <Ends of={one} /> },
            { key: "by", title: words.by, width: "6.5rem", wide: true, cell: (one) => <Name of={one.by} /> },
            {
              key: "do",
              title: t().common.actions,
              width: "7.5rem",
              end: true,
              cell: (one) => (
                <>
                  {isRunning(one) && (
                    <Button
                      kind="plain"
                      small
                      icon={Square}
                      label={words.stopOf(one.name)}
                      onClick={() => void stopping.run(one.name).then(traces.refresh)}
                    />
                  )}
                  <Button
                    kind="plain"
                    small
                    icon={Download}
                    label={words.downloadOf(one.name)}
                    onClick={() => void saving.run(one.name, "text")}
                  />
                  <Button
                    kind="plain"
                    small
                    icon={Trash2}
                    label={words.removeOf(one.name)}
                    onClick={async () => {
                      if (await remove(one)) {
                        traces.refresh();
                      }
                    }}
                  />
                </>
              ),
            },
          ]}
          empty={
            <Empty icon={Activity} title={words.noTraces}>
              <p>{words.noTracesText}</p>
              <Button icon={Plus} onClick={create}>
                {words.newTrace}
              </Button>
            </Empty>
          }
        />
      </Card>
      {creating && (
        <Create
          kind={given ?? "clientId"}
          value={given ? query(given) : ""}
          onClose={() => {
            setCreating(false);
            setQuery({ clientId: "", username: "", address: "", topic: "" });
          }}
          onDone={traces.refresh}
        />
      )}
    </Page>
  );
}
