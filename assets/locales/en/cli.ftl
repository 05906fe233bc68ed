cli-name = gudok
