import type { IconNode } from "lucide";
import { useEffect, useRef, useState } from "preact/hooks";
import { Cable, ListTree, Search, Waypoints } from "lucide";
import { call, Failure } from "../api/call";
import { may } from "../api/session";
import { GROUPS } from "../pages";
import { at, go } from "../route";
import { t } from "../text";
import { Dialog, Icon, cut } from "../ui";

type Found = { key: string; text: string; icon: IconNode; href: string };

const CLIENTS_MAX = 5;

// The types of Preact want a datalist with this role; the list is ours.
const COMBOBOX = { role: "combobox" } as object;

/** Goes anywhere by typing: pages by name, clients by id, topics. */
export function Palette({ onClose }: { onClose(): void }) {
  const words = t().frame;
  const [text, setText] = useState("");
  const [clients, setClients] = useState<readonly string[]>([]);
  const [chosen, setChosen] = useState(0);
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    if (text.trim() === "") {
      setClients([]);
      return undefined;
    }
    const abort = new AbortController();
    const timer = setTimeout(() => {
      call("GET /clients", { query: { filter: text.trim(), limit: CLIENTS_MAX }, signal: abort.signal }).then(
        (page) => setClients(page.items.map((client) => client.clientId)),
        (error: unknown) => {
          // Pages are still found; that the node is away is said elsewhere.
          if (error instanceof Failure) {
            setClients([]);
          }
        },
      );
    }, 150);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, [text]);

  const found = find(text.trim(), clients);
  useEffect(() => setChosen(0), [text]);
  const open = (one: Found | undefined) => {
    if (one) {
      onClose();
      go(one.href);
    }
  };
  return (
    <Dialog title={words.find} onClose={onClose}>
      <div
        class="stack-s"
        onKeyDown={(event) => {
          if (event.key === "Enter") {
            event.preventDefault();
            open(found[chosen]);
          } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
            event.preventDefault();
            const step = event.key === "ArrowDown" ? 1 : -1;
            const next = (chosen + step + found.length) % Math.max(1, found.length);
            setChosen(next);
            list.current?.children[next]?.scrollIntoView({ block: "nearest" });
          }
        }}
      >
        <div class="search palette-search">
          <Icon of={Search} />
          <input
            class="input"
            type="text"
            {...COMBOBOX}
            aria-expanded="true"
            aria-controls="palette-list"
            aria-activedescendant={found[chosen] ? `palette-${chosen}` : undefined}
            aria-label={words.find}
            placeholder={words.findHint}
            value={text}
            dir="auto"
            autocomplete="off"
            spellcheck={false}
            onInput={(event) => setText((event.target as HTMLInputElement).value)}
          />
        </div>
        <div class="palette-list" role="listbox" id="palette-list" aria-label={words.find} ref={list}>
          {found.map((one, index) => (
            <div
              key={one.key}
              id={`palette-${index}`}
              class="menu-item"
              role="option"
              aria-selected={index === chosen}
              onClick={() => open(one)}
            >
              <Icon of={one.icon} />
              <bdi>{one.text}</bdi>
            </div>
          ))}
        </div>
        {found.length === 0 && <p class="menu-note">{words.findNothing}</p>}
      </div>
    </Dialog>
  );
}

function find(text: string, clients: readonly string[]): Found[] {
  const words = t().frame;
  const plain = (of: string) => of.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
  const pages = GROUPS.flatMap((group) => group.pages)
    .filter((page) => page.name && (!page.role || may(page.role)))
    .map((page) => ({ key: page.path, text: words.pages[page.name!], icon: page.icon!, href: page.path }))
    .filter((page) => plain(page.text).includes(plain(text)));
  if (text === "") {
    return pages;
  }
  const shown = cut(text);
  const found: Found[] = clients.map((id) => ({
    key: `client ${id}`,
    text: words.findClient(cut(id)),
    icon: Cable,
    href: at("/clients/:clientId", { clientId: id }),
  }));
  found.push({
    key: "clients",
    text: words.findClients(shown),
    icon: Cable,
    href: `/clients?filter=${encodeURIComponent(text)}`,
  });
  if (may("operator")) {
    found.push(
      { key: "topic", text: words.findTopic(shown), icon: ListTree, href: `/topics?filter=${encodeURIComponent(text)}` },
      {
        key: "explain",
        text: words.findExplain(shown),
        icon: Waypoints,
        href: `/explain?topic=${encodeURIComponent(text)}`,
      },
    );
  }
  return [...pages, ...found];
}
