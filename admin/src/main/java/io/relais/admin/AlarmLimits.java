package io.relais.admin;

import java.time.Duration;

/// From when on alarms are raised; 0: never.
///
/// @param heapPercent that live at the last collection
/// @param diskFreeBytes on the disk of the data directory
/// @param sync of the store, on average
/// @param storePercent of the limits of what is kept
/// @param certificate time until one expires
/// @param refusedConnects each second
/// @param droppedMessages each second
/// @param stall of a loop or of the store's thread
public record AlarmLimits(
    int heapPercent,
    long diskFreeBytes,
    Duration sync,
    int connectionsPercent,
    int storePercent,
    Duration certificate,
    int refusedConnects,
    int droppedMessages,
    Duration stall,
    int cpuPercent) {}
