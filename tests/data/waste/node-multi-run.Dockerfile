FROM node:20
WORKDIR /srv
COPY . .
RUN npm install
RUN npm run build
RUN rm -rf node_modules/.cache src
EXPOSE 3000
CMD npm start
