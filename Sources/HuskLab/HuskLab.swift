// HuskLab
