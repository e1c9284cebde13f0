-- A spoofed message, then another one on the same connection: both refused with a reply of ours, unchanged.

-- miltertest keeps the text of an error to itself
local function wrong(text)
	mt.echo(text)
	error(text)
end

conn = mt.connect(socket, 600, 0.1)
mt.set_timeout(60)
mt.conninfo(conn, "pool66.example.com", client)
mt.helo(conn, "pool66.example.com")
for round = 1, 2 do
	mt.mailfrom(conn, "<anna@example.org>")
	mt.rcptto(conn, "<reader@example.net>")
	mt.header(conn, "From", "Anna <anna@example.org>")
	mt.eoh(conn)
	mt.bodystring(conn, "Hello.\r\n")
	if mt.eom(conn) ~= nil then
		wrong("no answer to the end of the message")
	end
	if mt.getreply(conn) ~= SMFIR_REPLYCODE then
		wrong("round " .. round .. ": the reply is " .. mt.getreply(conn))
	end
	if mt.eom_check(conn, MT_HDRINSERT) then
		wrong("round " .. round .. ": a refused message was changed")
	end
end
mt.disconnect(conn)
