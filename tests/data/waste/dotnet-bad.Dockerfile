FROM mcr.microsoft.com/dotnet/sdk:7.0 AS build
WORKDIR /src
COPY . .
RUN dotnet restore "Web/Web.csproj"
RUN dotnet build -c Debug -o /app/build
FROM build AS publish
RUN dotnet publish "Web/Web.csproj" -c Debug -o /app/publish
FROM mcr.microsoft.com/dotnet/sdk:7.0 AS final
WORKDIR /app
COPY --from=publish /app .
ENTRYPOINT ["dotnet", "Web.dll"]
