export { A } from "./A";
export { Button } from "./Button";
// Chart is not here: with its library it is fetched by the pages that have one.
export { confirm, Dialog, FormActions, Questions } from "./Dialog";
export { CheckField, SearchField, Select, SelectField, TextField } from "./Field";
export { Icon } from "./Icon";
export { Menu, MenuItem } from "./Menu";
export { Card, Facts, Page, Stat } from "./Page";
export { Payload, payloadBase64, payloadBytes, type PayloadEncoding, payloadHex, payloadSize, payloadText, prettyJson } from "./Payload";
export { useSeen } from "./seen";
export { Empty, Loading, Notice, Problem, said, Unanswered } from "./States";
export { type Column, List, Table } from "./Table";
export { Tabs } from "./Tabs";
export { Toasts, toast } from "./Toast";
export { Ago, Badge, Command, CopyButton, cut, Name, State, Time, type Tone, visible } from "./Told";
