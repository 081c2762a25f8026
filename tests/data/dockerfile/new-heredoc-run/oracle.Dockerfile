FROM busy:1
RUN echo one > /1; echo $HOME > /2
