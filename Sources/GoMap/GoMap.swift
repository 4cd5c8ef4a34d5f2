// GoMap
