module husk.example/map-speed

go 1.21
