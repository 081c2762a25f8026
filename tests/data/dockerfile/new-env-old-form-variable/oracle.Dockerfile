FROM busy:1
ENV A one two
