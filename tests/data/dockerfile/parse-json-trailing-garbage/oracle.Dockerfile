FROM busy:1
CMD ["a"] b
