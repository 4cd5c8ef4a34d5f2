// Scenario 2 of the source documents, and the programme of the first.

extension Scenario {
    static let globalNil = deletes(
        name: "global-nil", title: "A global map, every key deleted, then nil", reference: .endsAfterwards,
        published: [
            PublishedReadings(
                go: "1.14.9",
                readings: [
                    (161, 161, 69714, 0), (469, 484, 71696, 1), (471, 488, 71760, 2), (160, 492, 71760, 3),
                ]),
            PublishedReadings(
                go: "1.10.1",
                readings: [
                    (100, 100, 1700, 0), (422, 426, 3076, 1), (424, 429, 3140, 2), (112, 431, 3140, 3),
                ]),
        ],
        note:
            "Deleting frees nothing; once the global is nil, nothing refers to the map and a collection frees all of it."
    )
}
