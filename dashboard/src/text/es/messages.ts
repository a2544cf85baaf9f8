import type { messages as English } from "../en/messages";

export const messages: typeof English = {
  payloadAs: "Mostrar el contenido como",
  payloadViews: { text: "Texto", json: "JSON", hex: "Hex", base64: "Base64" },
  copyPayload: "Copiar el contenido",
  noPayload: "El contenido está vacío.",
  payloadCut: "Solo se muestra el principio; la copia lo incluye todo.",
  binary: "binario",
  searchFilter: "Filtro de topic, como plant/#",
  showAll: "Mostrar todos",
  who: "¿Quién lo recibiría?",
  tree: "En el árbol de topics",

  retainedAbout:
    "El último mensaje de un topic publicado con el indicador retain: cada nuevo suscriptor lo recibe enseguida.",
  retainedTitle: "Mensaje retenido",
  stored: "Guardado",
  noRetained: "No hay nada retenido",
  noRetainedText: "Publique con el indicador retain y el mensaje espera aquí a quien se suscriba más tarde:",
  noRetainedLike: "Ningún topic de este filtro tiene un mensaje retenido.",
  removeRetained: "Eliminar el mensaje retenido",
  removeRetainedTitle: "¿Eliminar este mensaje retenido?",
  removeRetainedText: (topic, size) =>
    `Se destruye el mensaje de ${topic} (${size}). Quien se suscriba desde ahora no lo recibe; quien está suscrito recibe un mensaje vacío.`,
  removedRetained: "El mensaje retenido se eliminó",
  removeAllRetained: "Eliminar todos…",
  removeAllRetainedTitle: "¿Eliminar todos estos mensajes retenidos?",
  removeAllRetainedText: (filter, count, more) =>
    `Se destruyen ${more ? "más de " : ""}${count} mensajes retenidos que toma ${filter}, y los que se añadan entretanto. Quien está suscrito recibe un mensaje vacío por cada uno.`,
  removedAllRetained: "Los mensajes retenidos se eliminaron",

  delayedAbout: "Los mensajes publicados en $delayed/SEGUNDOS/TOPIC esperan aquí hasta que llega su hora.",
  delayedTitle: "Mensaje aplazado",
  due: "Sale",
  dueAt: "Sale el",
  noDelayed: "No hay nada aplazado",
  noDelayedText: "Esta línea publica en plant/valve dentro de dos minutos:",
  cancelDelayed: "Anular el mensaje",
  cancelDelayedTitle: "¿Anular este mensaje?",
  cancelDelayedText: (topic, size) => `El mensaje para ${topic} (${size}) se destruye y no se publicará.`,
  canceledDelayed: "El mensaje se anuló",

  slowAbout:
    "Suscriptores que tardan en confirmar, y aquellos para los que cada vez espera más, en los últimos minutos.",
  slowViews: { latency: "Por latencia", growth: "Por crecimiento" },
  latency: "Latencia",
  times: "Veces",
  timesAbout: "Cuántas veces un mensaje tardó más que el umbral",
  queued: "En espera",
  inFlight: "En vuelo",
  growth: "Crecimiento",
  growthAbout: "Mensajes que esperan de más desde el inicio de la ventana",
  growthEach: "Por segundo",
  last: "Última vez",
  noSlow: "Nadie es lento",
  noSlowText:
    "Todos los suscriptores confirman dentro del umbral (metrics.slow-subscribers.threshold), y nada se acumula.",
  forget: "Olvidar",
  forgetTitle: "¿Olvidar quién fue lento?",
  forgetText: (count, shown) =>
    count === 1
      ? "Se destruyen las mediciones de 1 suscriptor. Quien siga siendo lento vuelve a la lista."
      : `Se destruyen las mediciones de ${shown} suscriptores. Quien siga siendo lento vuelve a la lista.`,
  forgotten: "Las mediciones se olvidaron",

  dropsAbout: (total) => `${total} desde el arranque del nodo`,
  reasons: "Motivos",
  count: "Mensajes",
  recorded: "Registrados",
  allReasons: "Todos los motivos",
  otherReasons: (count) =>
    count === 1 ? "Mostrar 1 motivo que no se ha dado" : `Mostrar ${count} motivos que no se han dado`,
  fewerReasons: "Ocultar los motivos que no se han dado",
  reason: {
    "queue-full": ["Cola llena", "La cola de una sesión ausente o lenta estaba llena: salió el mensaje más antiguo, o se rechazó el nuevo (limits.queue-messages, limits.queue-bytes, limits.queue-full)."],
    "store-full": ["Almacén lleno", "Se alcanzó lo que puede conservarse en total: limits.store-bytes, o los límites de mensajes retenidos y aplazados."],
    "disk-full": ["Disco lleno", "El disco está casi lleno (limits.disk-reserve-bytes): no se conserva nada más hasta que haya sitio."],
    expired: ["Caducado", "El plazo de caducidad del mensaje pasó antes de que su suscriptor lo recogiera. Así lo quiso quien lo publicó."],
    "too-large": ["Demasiado grande", "El mensaje supera el mayor paquete que acepta este cliente (su Maximum Packet Size)."],
    "slow-consumer": ["Consumidor lento", "El cliente lee más despacio de lo que llegan los mensajes QoS 0; esperan en memoria, y salió el más antiguo."],
    "not-authorized": ["No autorizado", "Una regla prohíbe al suscriptor recibir este mensaje."],
    "no-member": ["Sin miembros", "En un grupo compartido no quedaba nadie a quien dar el mensaje."],
    "session-ended": ["Sesión terminada", "La sesión del suscriptor terminó, o cambió, mientras el mensaje iba hacia ella."],
    events: ["Eventos", "Los eventos de clientes ($events/…) llegaron más rápido de lo que se publican."],
  },
  records: "Registros",
  recordsAbout:
    "Una muestra: hasta 10 por segundo de cada motivo, de los que se guardan los 256 últimos. A los recuentos de arriba no les falta nada.",
  receiver: "No lo recibió",
  publisher: "Publicado por",
  broker: "el broker",
  nobody: "nadie en particular",
  searchClient: "El destinatario o el emisor es…",
  noDrops: "No se ha descartado nada",
  noDropsText: "Desde el arranque del nodo, ningún mensaje se ha perdido camino de un suscriptor.",
  noRecordsLike: "Ningún registro coincide",
  noRecordsLikeText:
    "Los registros son una muestra y se guardan hasta que el nodo termina; los recuentos de arriba están completos.",

  metricsAbout:
    "Mensajes recibidos, enviados y descartados en los topics de un filtro. Los filtros sobreviven a un reinicio, los recuentos no.",
  messagesIn: "Recibidos",
  messagesOut: "Enviados",
  messagesDropped: "Descartados",
  inEach: "Recib. /s",
  outEach: "Enviad. /s",
  bytesIn: "Bytes recibidos",
  bytesOut: "Bytes enviados",
  bytesEach: (rate) => `${rate}/s`,
  total: "En total",
  each: "Por segundo",
  addFilter: "Contar un filtro",
  addFilterAbout:
    "Un topic, o un filtro con + y #. Solo cuestan algo los topics que abarca; hay sitio para 512.",
  addedFilter: "El filtro se cuenta desde ahora",
  since: "Contado desde",
  by: "Por",
  noMetrics: "No se cuenta ningún topic",
  noMetricsText: "Añada un topic o un filtro y vea cuánto entra y sale por él.",
  removeFilter: "Dejar de contar",
  removeFilterTitle: "¿Dejar de contar este filtro?",
  removeFilterText: (filter, messagesIn, messagesOut) =>
    `Se destruyen los recuentos de ${filter}: ${messagesIn} recibidos, ${messagesOut} enviados. Los mensajes no se tocan.`,
  removedFilter: "El filtro ya no se cuenta",
  noListener:
    "Este nodo no tiene ningún puerto TCP sin cifrar; la página de puertos de escucha dice dónde se conectan los clientes.",
};
