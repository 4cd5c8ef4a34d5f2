// Scenario 1 of the source documents.

extension Scenario {
    static let globalDelete = deletes(
        name: "global-delete", title: "A global map, every key deleted", reference: .stays,
        published: [
            PublishedReadings(
                go: "1.14.9",
                readings: [
                    (162, 162, 69714, 0), (471, 487, 70290, 1), (473, 490, 70610, 2), (475, 494, 70610, 3),
                ]),
            // Its programme sets the map to nil after these steps.
            PublishedReadings(
                go: "1.10.1", readings: [(100, 100, 1700, 0), (422, 426, 3076, 1), (424, 429, 3140, 2)]),
        ],
        note:
            "Deleting every key frees nothing: what the map was made of stays, and the global keeps the map alive to the end."
    )
}
