package dev.lipia

/** A sale to try things with. The last four digits of the number say what its customer does; this one pays. */
fun sale(phoneNumber: String = "0712345678"): StkPush = StkPush(phoneNumber, 150, "INV-001")

/** A phone of its own for every number; its customer pays. */
fun phone(number: Int): String = "2547%04d0005".format(number)
