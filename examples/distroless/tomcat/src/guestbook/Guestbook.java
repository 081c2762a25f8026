package guestbook;

import jakarta.servlet.ServletException;
import jakarta.servlet.annotation.WebServlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Takes entries, and has them shown by a page. */
@WebServlet("/")
public class Guestbook extends HttpServlet {
    private final List<String> entries = new CopyOnWriteArrayList<>();

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws ServletException, IOException {
        request.setAttribute("entries", entries);
        request.getRequestDispatcher("/WEB-INF/guestbook.jsp").forward(request, response);
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        request.setCharacterEncoding("UTF-8");
        String entry = request.getParameter("entry");
        if (entry == null || entry.isBlank()) {
            response.sendError(HttpServletResponse.SC_BAD_REQUEST, "an entry has some words");
            return;
        }
        entries.add(entry);
        response.sendRedirect("/");
    }
}
