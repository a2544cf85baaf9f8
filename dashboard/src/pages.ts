import type { IconNode } from "lucide";
import type { FunctionComponent } from "preact";
import {
  Activity,
  Bell,
  Book,
  Cable,
  CircleGauge,
  ClockFading,
  FileClock,
  Filter,
  Globe,
  KeyRound,
  LayoutDashboard,
  ListTree,
  Pin,
  Replace,
  ScrollText,
  Settings,
  ShieldBan,
  ShieldCheck,
  SlidersHorizontal,
  Snail,
  Trash2,
  UserRound,
  UsersRound,
  Waypoints,
  Webhook,
  Workflow,
} from "lucide";
import type { Text } from "./text";

type Names = Record<string, string>;

/** A page: where it is, what it is called, who may see it, and its code, which is not in the first load. */
export type PageOf = {
  path: string;
  /** Its name in the navigation; a page without one is reached from another. */
  name?: keyof Text["frame"]["pages"];
  icon?: IconNode;
  role?: "operator" | "administrator";
  load(): Promise<{ default: FunctionComponent<Names> }>;
};

/** The navigation, from top to bottom. Nodes, telemetry and instances get their groups here. */
export const GROUPS: readonly { name: keyof Text["frame"]["groups"]; pages: readonly PageOf[] }[] = [
  {
    name: "monitoring",
    pages: [
      { path: "/", name: "overview", icon: LayoutDashboard, load: () => import("./pages/overview") },
      { path: "/clients", name: "clients", icon: Cable, load: () => import("./pages/clients") },
      { path: "/clients/:clientId", load: () => import("./pages/client") },
      { path: "/subscriptions", name: "subscriptions", icon: Filter, load: () => import("./pages/subscriptions") },
      { path: "/topics", name: "topics", icon: ListTree, load: () => import("./pages/topics") },
      { path: "/topic-metrics", name: "topicMetrics", icon: CircleGauge, load: () => import("./pages/topic-metrics") },
      { path: "/retained", name: "retained", icon: Pin, load: () => import("./pages/retained") },
      { path: "/delayed", name: "delayed", icon: ClockFading, role: "operator", load: () => import("./pages/delayed") },
      { path: "/slow-subscribers", name: "slow", icon: Snail, load: () => import("./pages/slow-subscribers") },
      { path: "/drops", name: "drops", icon: Trash2, load: () => import("./pages/drops") },
      { path: "/alarms", name: "alarms", icon: Bell, load: () => import("./pages/alarms") },
    ],
  },
  {
    name: "access",
    pages: [
      {
        path: "/authentication",
        name: "authentication",
        icon: ShieldCheck,
        role: "operator",
        load: () => import("./pages/authentication"),
      },
      {
        path: "/authorization",
        name: "authorization",
        icon: SlidersHorizontal,
        role: "operator",
        load: () => import("./pages/authorization"),
      },
      { path: "/users", name: "users", icon: UsersRound, role: "operator", load: () => import("./pages/users") },
      { path: "/bans", name: "bans", icon: ShieldBan, role: "operator", load: () => import("./pages/bans") },
    ],
  },
  {
    name: "diagnostics",
    pages: [
      { path: "/explain", name: "explain", icon: Waypoints, role: "operator", load: () => import("./pages/explain") },
      { path: "/traces", name: "traces", icon: Activity, role: "operator", load: () => import("./pages/traces") },
      { path: "/websocket", name: "websocket", icon: Globe, load: () => import("./pages/websocket") },
    ],
  },
  {
    name: "management",
    pages: [
      { path: "/listeners", name: "listeners", icon: Workflow, load: () => import("./pages/listeners") },
      {
        path: "/configuration",
        name: "configuration",
        icon: ScrollText,
        role: "operator",
        load: () => import("./pages/configuration"),
      },
      { path: "/rewrite", name: "rewrite", icon: Replace, role: "operator", load: () => import("./pages/rewrite") },
      { path: "/webhooks", name: "webhooks", icon: Webhook, load: () => import("./pages/webhooks") },
    ],
  },
  {
    name: "system",
    pages: [
      {
        path: "/accounts",
        name: "accounts",
        icon: UserRound,
        role: "administrator",
        load: () => import("./pages/accounts"),
      },
      { path: "/keys", name: "keys", icon: KeyRound, role: "administrator", load: () => import("./pages/keys") },
      { path: "/audit", name: "audit", icon: FileClock, role: "administrator", load: () => import("./pages/audit") },
      { path: "/reference", name: "reference", icon: Book, load: () => import("./pages/reference") },
      { path: "/settings", name: "settings", icon: Settings, load: () => import("./pages/settings") },
    ],
  },
];

export const PAGES: readonly PageOf[] = GROUPS.flatMap((group) => group.pages);
