FROM busy:1
RUN mkdir /x; echo first > /x/one; echo 'second $HOME' > /x/two; echo a > /x/a.txt
