module husk.example/go-map-server

go 1.19
