mkdir t && echo 1 > t/.wh.one && echo 2 > t/two && tar -C t -cf a.tar .wh.one two && rm -r t
