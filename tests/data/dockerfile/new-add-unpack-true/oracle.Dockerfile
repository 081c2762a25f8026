FROM busy:1
ADD a.tar /x/
