app-name = Gudok
