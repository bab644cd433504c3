// SPDX-License-Identifier: Apache-2.0
//
// PdfBox THREADS FILE...: text of PDF files by PDFBox in one virtual machine.
// Prints the seconds from the first file to the last and how many were read.

import java.io.File;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.text.PDFTextStripper;

public class PdfBox {
	static final AtomicInteger next = new AtomicInteger(1);
	static final AtomicInteger read = new AtomicInteger();

	static void work(String[] args) {
		for (int i; (i = next.getAndIncrement()) < args.length;) {
			try (PDDocument pdf = PDDocument.load(
			    new File(args[i]))) {
				new PDFTextStripper().getText(pdf);
				read.incrementAndGet();
			} catch (Exception e) {
				System.err.println(args[i] + ": " + e);
			}
		}
	}

	public static void main(String[] args) throws Exception {
		Thread[] threads = new Thread[Integer.parseInt(args[0])];
		long begin = System.nanoTime();

		for (int i = 0; i < threads.length; i++) {
			threads[i] = new Thread(() -> work(args));
			threads[i].start();
		}
		for (Thread thread : threads)
			thread.join();
		System.out.printf("%.6f %d%n",
		    (System.nanoTime() - begin) / 1e9, read.get());
	}
}
