// HuskService
